use std::collections::BTreeMap;

use super::{MOST, Shared};

/// Numbers in an order that is no order, the same each time.
fn numbers(count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % 701)
}

fn entries(map: &Shared<u64, String>) -> Vec<(u64, String)> {
    map.iter().map(|(key, value)| (*key, value.clone())).collect()
}

#[test]
fn it_holds_what_a_plain_map_holds_and_copies_keep_what_they_held() {
    let (mut shared, mut plain) = (Shared::default(), BTreeMap::new());
    let mut kept = Vec::new();
    for (nth, number) in numbers(3_000).enumerate() {
        let value = nth.to_string();
        match nth % 5 {
            0..3 => assert_eq!(shared.insert(number, value.clone()), plain.insert(number, value)),
            3 => assert_eq!(shared.remove(&number), plain.remove(&number)),
            _ => assert_eq!(
                shared.get_mut(&number).map(|at| std::mem::replace(at, value.clone())),
                plain.get_mut(&number).map(|at| std::mem::replace(at, value))
            ),
        }
        assert_eq!((shared.len(), shared.is_empty()), (plain.len(), plain.is_empty()));
        assert_eq!(shared.get(&350), plain.get(&350));
        if nth % 100 == 0 {
            kept.push((shared.clone(), plain.clone()));
        }
    }
    assert!(plain.len() > 4 * MOST, "there are several chunks");
    for (shared, plain) in kept.iter().chain([&(shared, plain)]) {
        assert_eq!(entries(shared), plain.clone().into_iter().collect::<Vec<_>>());
        assert_eq!(*shared, plain.clone().into_iter().collect::<Shared<_, _>>());
        assert!(shared.clone().into_iter().eq(plain.clone()));
        assert!(shared.iter().rev().eq(plain.iter().rev()) && shared.iter().len() == plain.len());
    }
}

#[test]
fn what_comes_from_a_place_on_is_found_wherever_that_is() {
    let map: Shared<u64, ()> = (0..500).map(|key| (key * 2, ())).collect();
    for from in [0, 1, 2, 63, 64, 65, 500, 997, 998, 999, 5_000] {
        let found: Vec<u64> = map.iter_from(|key| *key < from).map(|(key, ())| *key).collect();
        assert!(found.iter().copied().eq((0..500).map(|key| key * 2).filter(|key| *key >= from)), "{from}");
    }
    assert_eq!(Shared::<u64, ()>::default().iter_from(|_| false).count(), 0);
}

#[test]
fn some_are_changed_or_taken_away_and_the_others_stay_shared() {
    let map: Shared<u64, u64> = (0..500).map(|key| (key, key)).collect();
    let mut changed = map.clone();
    changed.values_where_mut(|value| *value == 100).for_each(|value| *value = 0);
    assert_eq!(changed.differing(&map).copied().collect::<Vec<_>>(), [100]);
    assert!(std::ptr::eq(&changed[&101], &map[&101]) && !std::ptr::eq(&changed[&100], &map[&100]));
    changed.retain(|key, _| key % 10 == 0);
    assert_eq!(changed.len(), 50);
    assert_eq!(map.differing(&changed).count(), 451);
    changed.retain(|_, _| false);
    assert!(changed.is_empty() && map.len() == 500);
}

#[test]
fn what_is_the_same_is_shared() {
    let mut copy: Shared<u64, u64> = (0..100).map(|key| (key, key)).collect();
    let other: Shared<u64, u64> = (0..100).map(|key| (key, key + key % 2)).collect();
    copy.share(&other, |one, other| one == other);
    assert!(std::ptr::eq(&copy[&2], &other[&2]) && !std::ptr::eq(&copy[&3], &other[&3]));
    assert_eq!(copy[&3], 3);
}

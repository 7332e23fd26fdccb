-- schemig:down loss=rows
-- Release N must be gone, and every later directory of this plan reverted.
SET LOCAL lock_timeout = '3s';
DO $schemig$
BEGIN
    IF to_regclass('public.organizations') IS NOT NULL THEN
        LOCK TABLE public.organizations IN SHARE UPDATE EXCLUSIVE MODE;
    END IF;
    IF to_regclass('public.users') IS NOT NULL THEN
        LOCK TABLE public.users IN SHARE UPDATE EXCLUSIVE MODE;
    END IF;
    IF to_regclass('public.org_memberships') IS NOT NULL THEN
        LOCK TABLE public.org_memberships IN SHARE UPDATE EXCLUSIVE MODE;
    END IF;
END
$schemig$;
DO $schemig$
BEGIN
    FOR schemig_attempt IN 1..60 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '200ms', true);
            ALTER TABLE IF EXISTS public.org_memberships DROP CONSTRAINT IF EXISTS org_memberships_organization_id_fkey;
            ALTER TABLE IF EXISTS public.org_memberships DROP CONSTRAINT IF EXISTS org_memberships_user_id_fkey;
            DROP TABLE IF EXISTS public.org_memberships;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            -- The locks of this attempt are given back. Others go ahead meanwhile.
            PERFORM pg_sleep(0.2 + random() * 0.3);
        END;
    END LOOP;
    RAISE EXCEPTION USING MESSAGE = 'schemig: public.org_memberships and public.organizations and public.users stayed locked through 60 attempts, nothing was changed; see who holds it: SELECT pid, mode, state, query FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE granted AND relation IN (to_regclass(''public.org_memberships''), to_regclass(''public.organizations''), to_regclass(''public.users'')); end that and run this again';
END
$schemig$;

-- schemig:down loss=rows
-- Release N must be gone, and every later directory of this plan reverted.
SET LOCAL lock_timeout = '3s';
DO $schemig$
BEGIN
    IF to_regclass('public.users') IS NOT NULL THEN
        LOCK TABLE public.users IN SHARE UPDATE EXCLUSIVE MODE;
    END IF;
END
$schemig$;
DO $schemig$
BEGIN
    FOR schemig_attempt IN 1..60 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '200ms', true);
            DROP TABLE IF EXISTS public.users;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            -- The locks of this attempt are given back. Others go ahead meanwhile.
            PERFORM pg_sleep(0.2 + random() * 0.3);
        END;
    END LOOP;
    RAISE EXCEPTION USING MESSAGE = 'schemig: public.users stayed locked through 60 attempts, nothing was changed; see who holds it: SELECT pid, mode, state, query FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE granted AND relation IN (to_regclass(''public.users'')); end that and run this again';
END
$schemig$;

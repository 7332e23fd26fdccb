-- schemig: create table org_memberships
-- why:      create table org_memberships (2 columns)
-- phase:    expand, step 3 of 3; from here on release N may be deployed
-- lock:     SHARE ROW EXCLUSIVE on organizations (writes wait), SHARE ROW EXCLUSIVE on users (writes wait), ACCESS EXCLUSIVE on org_memberships (reads and writes wait); no scan, no rewrite
-- estimate: unknown
-- beside:   N-1 reads and writes; N reads and writes
CREATE TABLE IF NOT EXISTS public.org_memberships (
    user_id bigint NOT NULL,
    organization_id bigint NOT NULL,
    PRIMARY KEY (user_id)
);

CREATE INDEX IF NOT EXISTS org_memberships_organization_id_idx ON public.org_memberships (organization_id);

SET LOCAL lock_timeout = '3s';
LOCK TABLE public.organizations, public.users IN SHARE UPDATE EXCLUSIVE MODE;
DO $schemig$
BEGIN
    FOR schemig_attempt IN 1..60 LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '200ms', true);
            IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.org_memberships') AND conname = 'org_memberships_organization_id_fkey') THEN
                ALTER TABLE public.org_memberships ADD CONSTRAINT org_memberships_organization_id_fkey
                    FOREIGN KEY (organization_id) REFERENCES public.organizations (id);
            END IF;
            IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass('public.org_memberships') AND conname = 'org_memberships_user_id_fkey') THEN
                ALTER TABLE public.org_memberships ADD CONSTRAINT org_memberships_user_id_fkey
                    FOREIGN KEY (user_id) REFERENCES public.users (id) ON DELETE CASCADE;
            END IF;
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            -- The locks of this attempt are given back. Others go ahead meanwhile.
            PERFORM pg_sleep(0.2 + random() * 0.3);
        END;
    END LOOP;
    RAISE EXCEPTION USING MESSAGE = 'schemig: public.organizations and public.users stayed locked through 60 attempts, nothing was changed; see who holds it: SELECT pid, mode, state, query FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE granted AND relation IN (to_regclass(''public.organizations''), to_regclass(''public.users'')); end that and run this again';
END
$schemig$;

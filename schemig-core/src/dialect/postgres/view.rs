//! The old name of a table, as a view with the table's owner and grants (DOCTRINE, R8).

use super::Postgres;
use super::lock::Piece;
use super::quote::{columns, literal, shorten};
use crate::schema::{ColumnName, TableName};

impl Postgres {
    /// Stands in the same attempt as the rename before it: no moment without the old name.
    pub(super) fn create_view(&self, view: &TableName, table: &TableName, shown: &[ColumnName]) -> Piece {
        let (view_name, table_name) = (self.table(view), self.table(table));
        let block = format!(
            "{}CREATE OR REPLACE VIEW {view_name} AS\n    SELECT {} FROM {table_name};\n{}",
            self.heed_row_security(view, table, false),
            columns(shown),
            self.heed_row_security(view, table, true),
        );
        let block = block + &self.copy_grants(view, table, shown);
        // It waits for nobody: the table is only read, and its old name is free.
        Piece::strong_block(Vec::new(), block)
    }

    /// A view runs with its owner's rights, which pass row security by. From 15 on it can run with its reader's instead; only
    /// then a reader needs a right to every column that the view shows, so grants on columns don't go together with it.
    fn heed_row_security(&self, view: &TableName, table: &TableName, made: bool) -> String {
        let (table_name, oid) = (self.table(table), self.to_regclass(table));
        let secured = format!("EXISTS (SELECT FROM pg_class WHERE oid = {oid} AND relrowsecurity)");
        let way_out = "keep the name and map it with #[diesel(table_name = ...)]";
        let (condition, message) = match (made, self.version >= 15) {
            (true, true) => {
                let name = self.table(view);
                return format!(
                    "IF {secured} THEN\n    ALTER VIEW {name} SET (security_invoker = true);\nEND IF;\n"
                );
            }
            (true, false) => return String::new(),
            (false, true) => (
                format!(
                    "{secured} AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = {oid} AND cardinality(attacl) > 0)"
                ),
                format!(
                    "schemig: {table_name} has row security and grants on columns, which no view can keep both; {way_out}"
                ),
            ),
            (false, false) => (
                secured,
                format!(
                    "schemig: {table_name} has row security, which a view of it passes by before PostgreSQL 15; {way_out}"
                ),
            ),
        };
        format!("IF {condition} THEN\n    RAISE EXCEPTION USING MESSAGE = {};\nEND IF;\n", literal(&message))
    }

    /// Without these, every role but the owner gets "permission denied".
    fn copy_grants(&self, view: &TableName, table: &TableName, shown: &[ColumnName]) -> String {
        let (view_oid, table_oid) = (self.to_regclass(view), self.to_regclass(table));
        let view_name = literal(&self.table(view));
        let names: Vec<String> = shown.iter().map(|column| literal(&shorten(column.as_str()))).collect();
        let role =
            "CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS role";
        let option = "CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS option";
        format!(
            "DECLARE
    schemig_grant record;
BEGIN
    EXECUTE (SELECT format('ALTER VIEW %s OWNER TO %I', {view_name}, pg_get_userbyid(relowner))
        FROM pg_class WHERE oid = {table_oid});
    -- What default privileges gave to the view, the table may not have given.
    FOR schemig_grant IN
        SELECT DISTINCT {role}
        FROM pg_class c, aclexplode(c.relacl) AS a WHERE c.oid = {view_oid} AND a.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', {view_name}, schemig_grant.role);
    END LOOP;
    FOR schemig_grant IN
        SELECT a.privilege_type AS privilege, '' AS part, {role}, {option}
        FROM pg_class c, aclexplode(c.relacl) AS a WHERE c.oid = {table_oid} AND a.grantee <> c.relowner
        UNION ALL
        SELECT a.privilege_type, format('(%I)', t.attname), {role}, {option}
        FROM pg_attribute t, aclexplode(t.attacl) AS a
        WHERE t.attrelid = {table_oid} AND NOT t.attisdropped AND t.attname IN ({names})
    LOOP
        EXECUTE format('GRANT %s %s ON %s TO %s%s', schemig_grant.privilege, schemig_grant.part, {view_name},
            schemig_grant.role, schemig_grant.option);
    END LOOP;
END;",
            names = names.join(", ")
        )
    }

    /// Passed by where the name is a table's: then it was done, and the table has its name back.
    pub(super) fn drop_view(&self, view: &TableName) -> Piece {
        let block = format!(
            "IF EXISTS (SELECT FROM pg_class WHERE oid = {} AND relkind = 'v') THEN\n    DROP VIEW {};\nEND IF;",
            self.to_regclass(view),
            self.table(view)
        );
        Piece::strong_block(vec![view.clone()], block)
    }
}

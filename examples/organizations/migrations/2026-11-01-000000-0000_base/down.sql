DROP TABLE org_memberships;
DROP TABLE users;
DROP TABLE organizations;

-- schemig: create table notes
-- why:      create table notes (4 columns)
-- phase:    expand, step 1 of 1; from here on release N may be deployed
-- lock:     EXCLUSIVE on notes (writes wait); no scan, no rewrite
-- estimate: unknown
-- beside:   N-1 reads and writes; N reads and writes
CREATE TABLE "notes" (
    "id" INTEGER PRIMARY KEY NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT,
    "colour" TEXT NOT NULL DEFAULT 'yellow'
);

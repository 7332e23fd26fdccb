-- schemig:down loss=rows
-- Release N must be gone, and every later directory of this plan reverted.
DROP TABLE "notes";

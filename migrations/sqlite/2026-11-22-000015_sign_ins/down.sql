ALTER TABLE sessions DROP COLUMN platform;
ALTER TABLE sessions DROP COLUMN browser;
ALTER TABLE sessions DROP COLUMN used_at;

-- When a sign-in was used last, and from what kind of program and system: so that people know their own in a list.
-- Neither an address nor what the program said of itself is kept.
ALTER TABLE sessions ADD COLUMN used_at TIMESTAMP;
ALTER TABLE sessions ADD COLUMN browser TEXT;
ALTER TABLE sessions ADD COLUMN platform TEXT;

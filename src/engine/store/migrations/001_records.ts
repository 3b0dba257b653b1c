// Migration 1: the records. JSON of a whole record beside the columns that queries need.
import type { Migration } from './migration.ts'

export const records: Migration = {
  version: 1,
  name: 'records',
  up: (database) =>
    database.exec(`
      CREATE TABLE task (
        id TEXT PRIMARY KEY,
        question TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE trajectory (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        content_hash TEXT NOT NULL UNIQUE,
        task_id TEXT NOT NULL REFERENCES task (id),
        format TEXT NOT NULL,
        file TEXT NOT NULL,
        record_index INTEGER NOT NULL,
        turns INTEGER NOT NULL,
        outcome TEXT,
        record TEXT NOT NULL
      ) STRICT;
      CREATE INDEX trajectory_task ON trajectory (task_id);
      CREATE TRIGGER trajectory_immutable BEFORE UPDATE ON trajectory BEGIN
        SELECT RAISE (ABORT, 'a trajectory is immutable: lay a correction over it');
      END;

      CREATE TABLE span (
        trajectory_id TEXT PRIMARY KEY REFERENCES trajectory (id) ON DELETE CASCADE,
        spans TEXT NOT NULL,
        reason INTEGER NOT NULL,
        act INTEGER NOT NULL,
        final INTEGER NOT NULL,
        observe INTEGER NOT NULL,
        guessed INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE correction (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        trajectory_id TEXT NOT NULL REFERENCES trajectory (id),
        change TEXT NOT NULL,
        reason TEXT NOT NULL,
        author TEXT NOT NULL,
        at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX correction_trajectory ON correction (trajectory_id, id);
      CREATE TRIGGER correction_no_update BEFORE UPDATE ON correction BEGIN
        SELECT RAISE (ABORT, 'corrections are append-only: add another one');
      END;
      CREATE TRIGGER correction_no_delete BEFORE DELETE ON correction BEGIN
        SELECT RAISE (ABORT, 'corrections are append-only: add another one');
      END;

      CREATE TABLE dataset_revision (
        id TEXT PRIMARY KEY,
        members TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE run (
        id TEXT PRIMARY KEY,
        created_at TEXT NOT NULL,
        state TEXT NOT NULL,
        dataset_revision TEXT NOT NULL REFERENCES dataset_revision (id),
        record TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX run_created ON run (created_at);

      CREATE TABLE adapter (
        id TEXT PRIMARY KEY,
        run_id TEXT REFERENCES run (id),
        created_at TEXT NOT NULL,
        record TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE import_report (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        report TEXT NOT NULL
      ) STRICT;
    `),
}

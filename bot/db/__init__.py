"""The database: engines, transactions, column types, migrations. SQLite and PostgreSQL alike."""

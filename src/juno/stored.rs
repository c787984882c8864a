//! What of definitions is the same for all tables, written once: the tables have no type in common.

/// What of a [`Definition`](super::definition::Definition) follows from its table alone: the module has a function `filtered` of it.
macro_rules! stored_in {
    ($table:ident) => {
        fn head(&self) -> Head {
            Head { id: self.id, version: self.version, updated_at: self.updated_at }
        }

        fn find(connection: &mut Connection, id: i64) -> QueryResult<Option<Self>> {
            $table::table.find(id).select(Self::as_select()).get_result(connection).optional()
        }

        fn page(connection: &mut Connection, query: &Query) -> QueryResult<(i64, Vec<Self>)> {
            let total = filtered(query).count().get_result(connection)?;
            let rows =
                $crate::juno::listing::page_of!(filtered(query).select(Self::as_select()), query, $table);
            Ok((total, rows.load(connection)?))
        }

        fn insert(&self, connection: &mut Connection) -> QueryResult<()> {
            diesel::insert_into($table::table).values(self).execute(connection).map(drop)
        }
    };
}

/// As [`stored_in`], of a [`Changeable`](super::definition::Changeable).
macro_rules! changed_in {
    ($table:ident) => {
        fn at(self, Head { id, version, updated_at }: Head) -> Self {
            Self { id, version, updated_at, ..self }
        }

        fn update(&self, connection: &mut Connection) -> QueryResult<()> {
            diesel::update($table::table.find(self.id)).set(self).execute(connection).map(drop)
        }

        fn delete(&self, connection: &mut Connection) -> QueryResult<()> {
            diesel::delete($table::table.find(self.id)).execute(connection).map(drop)
        }
    };
}

pub(super) use {changed_in, stored_in};

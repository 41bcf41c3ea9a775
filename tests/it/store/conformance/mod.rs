//! What every store has to do, as stories that are written once and played on each of them.
//!
//! A further database gets a file with its [`backend::Backend`], and a line in each of the two lists below. A small model in
//! memory plays along wherever it can: it says what is right, and that no story asks for more than the traits promise.

/// Plays the stories on every database.
macro_rules! each_database {
    ($($story:ident),* $(,)?) => {
        each_database! { @on a_database_file, crate::store::conformance::file::File, $($story),* }
        each_database! { @on a_server, crate::store::conformance::server::Server, $($story),* }
    };
    (@on $place:ident, $backend:ty, $($story:ident),*) => {
        mod $place {
            use crate::store::conformance::backend::Backend;

            $(#[tokio::test]
            async fn $story() {
                if <$backend>::is_available() {
                    super::$story(<$backend>::empty().await).await;
                }
            })*
        }
    };
}

/// Plays the stories on every database, and on the model.
macro_rules! each_store {
    ($($story:ident),* $(,)?) => {
        each_database! { $($story),* }
        each_database! { @on the_model_in_memory, crate::store::conformance::model::Model, $($story),* }
    };
}

/// Plays the stories on every store, with values from their strategies.
macro_rules! each_store_with_any {
    ($($story:ident($strategy:ident)),* $(,)?) => {
        each_store_with_any! {
            @on a_database_file, crate::store::conformance::file::File, $($story($strategy)),*
        }
        each_store_with_any! {
            @on a_server, crate::store::conformance::server::Server, $($story($strategy)),*
        }
        each_store_with_any! {
            @on the_model_in_memory, crate::store::conformance::model::Model, $($story($strategy)),*
        }
    };
    (@on $place:ident, $backend:ty, $($story:ident($strategy:ident)),*) => {
        mod $place {
            use crate::store::conformance::backend::Backend;
            use proptest::prelude::*;

            proptest! {
                #![proptest_config(ProptestConfig::with_cases(48))]

                $(#[test]
                fn $story(value in super::$strategy()) {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                    runtime.expect("a runtime").block_on(async {
                        if <$backend>::is_available() {
                            super::$story(<$backend>::empty().await, value).await;
                        }
                    });
                })*
            }
        }
    };
}

mod backend;
mod budget;
mod changes;
mod file;
pub(in crate::store) mod given;
mod identity;
mod intake;
mod ledger;
mod library;
mod model;
mod review;
mod search;
mod server;

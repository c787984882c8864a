//! The queue before what is done for several at once.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::spawn;
use futures_util::future::join_all;
use steward::db::{Asked, DbError, Gather};
use tokio::sync::Semaphore;

const LONG: Duration = Duration::from_secs(600);

type Numbers = Gather<u32, usize>;

/// Answers each with how many were asked with him.
async fn count(asked: Vec<Asked<u32, usize>>) {
    let number = asked.len();
    for asked in asked {
        asked.tell(Ok(number));
    }
}

#[actix_web::test]
async fn who_ask_while_a_round_is_on_its_way_share_the_next() {
    let gather = Numbers::new(1);
    let (begun, may_end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let gate = (Arc::clone(&begun), Arc::clone(&may_end));
    let ask = |question| {
        let (gather, (begun, may_end)) = (gather.clone(), gate.clone());
        spawn(async move {
            let work = move |asked| {
                let (begun, may_end) = (Arc::clone(&begun), Arc::clone(&may_end));
                async move {
                    begun.add_permits(1);
                    may_end.acquire().await.expect("open").forget();
                    count(asked).await;
                }
            };
            gather.ask(question, LONG, || work).await.expect("an answer").expect("a number")
        })
    };
    let first = ask(0);
    begun.acquire().await.expect("open").forget();
    let others: Vec<_> = (1..4).map(ask).collect();
    // They stand in the queue when each has run as far as it goes.
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
    may_end.add_permits(2);
    assert_eq!(first.await.expect("done"), 1, "those who came later are in no round that has begun");
    for other in others {
        assert_eq!(other.await.expect("done"), 3);
    }
}

#[actix_web::test]
async fn a_round_that_panics_leaves_nobody_waiting_and_the_next_one_works() {
    let gather = Numbers::new(1);
    let panics = |_: Vec<Asked<u32, usize>>| async { panic!("on purpose") };
    let asked = join_all((0..3).map(|question| gather.ask(question, LONG, || panics))).await;
    assert!(asked.iter().all(Option::is_none), "{asked:?}");
    assert!(matches!(gather.ask(9, LONG, || count).await, Some(Ok(1))));
}

#[actix_web::test]
async fn who_has_waited_long_enough_leaves_unless_his_round_has_begun() {
    let gather = Numbers::new(1);
    let stuck = |asked: Vec<Asked<u32, usize>>| async move {
        std::future::pending::<()>().await;
        drop(asked);
    };
    let wait = Duration::from_millis(1);
    let first = spawn({
        let gather = gather.clone();
        async move { gather.ask(0, wait, || stuck).await.is_some() }
    });
    tokio::task::yield_now().await;
    assert!(matches!(gather.ask(1, wait, || count).await, Some(Err(DbError::Busy))));
    assert!(!first.is_finished(), "what was begun is waited for");
    first.abort();
}

#[actix_web::test]
async fn a_round_goes_on_when_the_runtime_ends_on_which_it_was_asked_for() {
    let gather = Numbers::new(1).at_home_on(tokio::runtime::Handle::current());
    let (begun, may_end) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let work = {
        let (begun, may_end) = (Arc::clone(&begun), Arc::clone(&may_end));
        move |asked| {
            let (begun, may_end) = (Arc::clone(&begun), Arc::clone(&may_end));
            async move {
                begun.add_permits(1);
                may_end.acquire().await.expect("open").forget();
                count(asked).await;
            }
        }
    };
    let asker = gather.clone();
    let ended = std::thread::spawn(move || {
        // As that of a worker that has no requests any more.
        let worker = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let ask = worker.spawn(async move { asker.ask(0, LONG, || work).await });
        worker.block_on(tokio::task::yield_now());
        drop((ask, worker));
    });
    begun.acquire().await.expect("open").forget();
    ended.join().expect("the worker ends");
    let second = spawn(async move { gather.ask(1, LONG, || count).await });
    tokio::task::yield_now().await;
    may_end.add_permits(2);
    assert!(matches!(second.await.expect("done"), Some(Ok(1))));
}

//! Work in parallel, results in order, memory bounded.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender, bounded};

/// Items in flight for each worker: enough that no worker waits for the one
/// whose result is due, few enough that memory stays at a few items a worker.
const AHEAD: usize = 4;

/// A worker that panicked, with what it said.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Panicked(String);

/// Parts of a result that may wait to be taken.
const PARTS: usize = 2;

/// An item that waits for a worker, with the place for its result.
struct Job<T, P, R> {
    item: T,
    reply: Sender<Event<T, P, R>>,
}

/// What is heard of an item.
pub enum Event<T, P, R> {
    /// A part of its result, while it is worked on.
    Part(P),
    /// The end.
    Done(Done<T, R>),
}

/// An item and what became of it. The item is handed back, so that a panic loses no data.
pub struct Done<T, R> {
    /// What was worked on.
    pub item: T,
    /// The result.
    pub result: Result<R, Panicked>,
}

/// Runs `work` on every item with `threads` workers and hands the results to
/// `sink` in the order of the items, until `sink` fails.
///
/// `items` is drawn from on a thread of its own, at most a few items ahead.
///
/// # Errors
/// The first error of `sink`.
pub fn ordered<T, R, E>(
    threads: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(&T) -> R + Sync,
    mut sink: impl FnMut(Done<T, R>) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send,
    R: Send,
{
    in_parts(
        threads,
        items,
        |item, _: &mut dyn FnMut(Infallible) -> bool| work(item),
        |event| match event {
            Event::Part(never) => match never {},
            Event::Done(done) => sink(done),
        },
    )
}

/// Runs `work` as [`ordered`] does, with results that come in parts: `work` hands each part to
/// the function it is given, which waits until there is room, and says whether anybody listens.
///
/// # Errors
/// The first error of `sink`.
pub fn in_parts<T, P, R, E>(
    threads: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(&T, &mut dyn FnMut(P) -> bool) -> R + Sync,
    mut sink: impl FnMut(Event<T, P, R>) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send,
    P: Send,
    R: Send,
{
    let (queue, jobs) = bounded::<Job<T, P, R>>(threads);
    // the results in the order of the items, each arriving whenever it is ready
    let (line_up, in_order) = bounded::<Receiver<Event<T, P, R>>>(threads * AHEAD);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (jobs, work) = (jobs.clone(), &work);
            scope.spawn(move || {
                for Job { item, reply } in jobs {
                    let mut part = |part| reply.send(Event::Part(part)).is_ok();
                    let result = guarded(|| work(&item, &mut part));
                    // where the sink has failed, nobody waits any more
                    let _ = reply.send(Event::Done(Done { item, result }));
                }
            });
        }
        drop(jobs);
        scope.spawn(move || {
            for item in items {
                let (reply, result) = bounded(PARTS);
                if line_up.send(result).is_err() || queue.send(Job { item, reply }).is_err() {
                    break;
                }
            }
        });
        for events in in_order {
            events.into_iter().try_for_each(&mut sink)?;
        }
        Ok(())
    })
}

/// Runs `work`, and catches its panic.
pub fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, Panicked> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let said = panic.downcast_ref::<&str>().map(|said| (*said).to_owned());
        let said = said.or_else(|| panic.downcast_ref::<String>().cloned());
        Panicked(said.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let mut seen = Vec::new();
        let slow_first = |item: &u64| {
            std::thread::sleep(std::time::Duration::from_micros(200 * (item % 3)));
            item * 2
        };
        let sink = |done: Done<u64, u64>| {
            seen.push((done.item, done.result.unwrap()));
            Ok::<_, ()>(())
        };
        ordered(3, 0..100, slow_first, sink).unwrap();
        assert_eq!(seen, (0..100).map(|item| (item, item * 2)).collect::<Vec<_>>());
    }

    #[test]
    fn a_panic_hands_the_item_back() {
        let mut panicked = Vec::new();
        let work = |item: &String| assert_ne!(item, "b", "no");
        let sink = |done: Done<String, ()>| {
            panicked.extend(done.result.is_err().then_some(done.item));
            Ok::<_, ()>(())
        };
        ordered(2, ["a", "b", "c"].map(str::to_owned).into_iter(), work, sink).unwrap();
        assert_eq!(panicked, ["b"]);
    }

    #[test]
    fn parts_come_in_order_and_wait_for_each_other() {
        let mut seen = Vec::new();
        let work = |item: &u32, part: &mut dyn FnMut(u32) -> bool| {
            (0..10).all(|index| part(item * 10 + index))
        };
        let sink = |event: Event<u32, u32, bool>| {
            match event {
                Event::Part(part) => seen.push(part),
                Event::Done(done) => assert!(done.result.unwrap()),
            }
            Ok::<_, ()>(())
        };
        in_parts(3, 0..20, work, sink).unwrap();
        assert_eq!(seen, (0..200).collect::<Vec<_>>());
    }

    #[test]
    fn a_failing_sink_ends_an_endless_result() {
        let work = |_: &(), part: &mut dyn FnMut(u32) -> bool| while part(0) {};
        let failed = in_parts(2, [()].into_iter().cycle(), work, |_| Err("full"));
        assert_eq!(failed, Err("full"));
    }

    #[test]
    fn a_failing_sink_ends_an_endless_input() {
        let drawn = Mutex::new(0);
        let items = (0..).inspect(|_| *drawn.lock().unwrap() += 1);
        let failed = ordered(
            2,
            items,
            |item| *item,
            |done| match done.item {
                10 => Err("full"),
                _ => Ok(()),
            },
        );
        assert_eq!(failed, Err("full"));
        assert!(*drawn.lock().unwrap() < 100);
    }
}

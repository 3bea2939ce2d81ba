//! Work in parallel, results in order, memory bounded.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex};

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
/// `items` is drawn from on a thread of its own, at most a few items ahead, and at most
/// `limit` bytes by what `size` says of each; one item alone may be larger.
///
/// # Errors
/// The first error of `sink`.
pub fn ordered<T, R, E>(
    threads: usize,
    limit: usize,
    size: impl Fn(&T) -> usize + Sync,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(&T) -> R + Sync,
    mut sink: impl FnMut(Done<T, R>) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send,
    R: Send,
{
    let gauge = Gauge { limit, used: Mutex::new(Some(0)), released: Condvar::new() };
    in_parts(
        threads,
        items.inspect(|item| gauge.acquire(size(item))),
        |item, _: &mut dyn FnMut(Infallible) -> bool| work(item),
        |event| match event {
            Event::Part(never) => match never {},
            Event::Done(done) => {
                let size = size(&done.item);
                let taken = sink(done);
                match taken {
                    Ok(()) => gauge.release(size),
                    // nothing more is taken, and whoever draws items must not wait for it
                    Err(_) => gauge.open(),
                }
                taken
            }
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

/// Counts bytes in flight.
struct Gauge {
    limit: usize,
    /// `None` where nobody waits any more.
    used: Mutex<Option<usize>>,
    released: Condvar,
}

impl Gauge {
    /// Waits until there is room.
    fn acquire(&self, size: usize) {
        let used = self.used.lock().expect("no holder panics");
        let is_full = |used: &mut Option<usize>| {
            used.is_some_and(|used| used > 0 && used.saturating_add(size) > self.limit)
        };
        let mut used = self.released.wait_while(used, is_full).expect("no holder panics");
        *used = used.map(|used| used.saturating_add(size));
    }

    fn release(&self, size: usize) {
        let mut used = self.used.lock().expect("no holder panics");
        *used = used.map(|used| used.saturating_sub(size));
        self.released.notify_one();
    }

    /// Lets everything through from now on.
    fn open(&self) {
        *self.used.lock().expect("no holder panics") = None;
        self.released.notify_all();
    }
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
        ordered(3, 1, |_| 0, 0..100, slow_first, sink).unwrap();
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
        let items = ["a", "b", "c"].map(str::to_owned).into_iter();
        ordered(2, 1, |_| 0, items, work, sink).unwrap();
        assert_eq!(panicked, ["b"]);
    }

    #[test]
    fn large_items_wait_for_room() {
        let (in_flight, most) = (Mutex::new(0), Mutex::new(0));
        let drawn = (0..100).inspect(|_| *in_flight.lock().unwrap() += 1);
        let work = |_: &i32| {
            let in_flight = *in_flight.lock().unwrap();
            let mut most = most.lock().unwrap();
            *most = in_flight.max(*most);
        };
        let sink = |_: Done<i32, ()>| {
            *in_flight.lock().unwrap() -= 1;
            Ok::<_, ()>(())
        };
        ordered(8, 3, |_| 1, drawn, work, sink).unwrap();
        // one more is drawn than there is room for, and waits
        assert!((1..=4).contains(&*most.lock().unwrap()), "{most:?}");
    }

    #[test]
    fn whoever_draws_does_not_wait_for_a_sink_that_failed() {
        // it may be anywhere when that happens
        for _ in 0..1000 {
            let fails = |_: Done<i32, ()>| Err("full");
            assert_eq!(ordered(2, 1, |_| 9, 0.., |_| (), fails), Err("full"));
        }
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
            1,
            |_| 0,
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

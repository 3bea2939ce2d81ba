//! Work in parallel, results in order, memory bounded.

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

/// An item that waits for a worker, with the place for its result.
struct Job<T, R> {
    item: T,
    reply: Sender<Done<T, R>>,
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
    let (queue, jobs) = bounded::<Job<T, R>>(threads);
    // the results in the order of the items, each arriving whenever it is ready
    let (line_up, in_order) = bounded::<Receiver<Done<T, R>>>(threads * AHEAD);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (jobs, work) = (jobs.clone(), &work);
            scope.spawn(move || {
                for job in jobs {
                    let result = guarded(|| work(&job.item));
                    // where the sink has failed, nobody waits any more
                    let _ = job.reply.send(Done { item: job.item, result });
                }
            });
        }
        drop(jobs);
        scope.spawn(move || {
            for item in items {
                let (reply, result) = bounded(1);
                if line_up.send(result).is_err() || queue.send(Job { item, reply }).is_err() {
                    break;
                }
            }
        });
        for result in in_order {
            sink(result.recv().expect("every job is answered"))?;
        }
        Ok(())
    })
}

/// The same, with items of at most `limit` bytes in flight by what `size` says of each;
/// one item alone may be larger.
///
/// # Errors
/// The first error of `sink`.
pub fn ordered_within<T, R, E>(
    limit: usize,
    size: impl Fn(&T) -> usize + Sync,
    threads: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(&T) -> R + Sync,
    mut sink: impl FnMut(Done<T, R>) -> Result<(), E>,
) -> Result<(), E>
where
    T: Send,
    R: Send,
{
    let gauge = Gauge { limit, used: Mutex::new(0), released: Condvar::new() };
    let items = items.inspect(|item| gauge.acquire(size(item)));
    ordered(threads, items, work, |done| {
        let size = size(&done.item);
        let taken = sink(done);
        // after an error nothing more is taken, and whoever draws items must not wait
        gauge.release(if taken.is_err() { usize::MAX } else { size });
        taken
    })
}

/// Counts bytes in flight.
struct Gauge {
    limit: usize,
    used: Mutex<usize>,
    released: Condvar,
}

impl Gauge {
    /// Waits until there is room.
    fn acquire(&self, size: usize) {
        let used = self.used.lock().expect("no holder panics");
        let is_full = |used: &mut usize| *used > 0 && used.saturating_add(size) > self.limit;
        let mut used = self.released.wait_while(used, is_full).expect("no holder panics");
        *used = used.saturating_add(size);
    }

    fn release(&self, size: usize) {
        let mut used = self.used.lock().expect("no holder panics");
        *used = used.saturating_sub(size);
        self.released.notify_one();
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
        ordered_within(3, |_| 1, 8, drawn, work, sink).unwrap();
        // one more is drawn than there is room for, and waits
        assert!((1..=4).contains(&*most.lock().unwrap()), "{most:?}");
        let fails = |_: Done<i32, ()>| Err("full");
        assert_eq!(ordered_within(1, |_| 9, 2, 0.., |_| (), fails), Err("full"));
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

//! A connection that does not wait for ever. actix bounds the time of the first head and of an idle connection; this
//! bounds the heads of later requests, and how long nothing is taken of an answer.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::web::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// How long a connection is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// From the end of an answer to the whole of the next head.
    pub(crate) next: Duration,
    /// While nothing is taken of an answer.
    pub(crate) write: Duration,
}

/// Whether a request of the connection is at work: then the client owes nothing.
#[derive(Clone, Debug, Default)]
pub struct Connection(Rc<Cell<bool>>);

impl Connection {
    /// A request is at work, until what is returned is dropped.
    #[must_use]
    pub fn work(&self) -> Work {
        self.0.set(true);
        Work(self.clone())
    }
}

/// A request at work.
#[derive(Debug)]
pub struct Work(Connection);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.0.set(false);
    }
}

/// A body of unknown length that is a request at work until its end; any other is in memory, and its request is done.
#[must_use]
pub fn with_work(body: BoxBody, work: Option<Work>) -> BoxBody {
    match (body.size(), work) {
        (BodySize::Stream, Some(work)) => BoxBody::new(Working { body, _work: work }),
        (_, _) => body,
    }
}

struct Working {
    body: BoxBody,
    _work: Work,
}

impl MessageBody for Working {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(context)
    }
}

/// A stream of bytes that ends where its client keeps it waiting for too long.
pub(crate) struct Guarded<S> {
    io: S,
    patience: Patience,
    connection: Connection,
    /// When the next head must be there; not before there was an answer.
    next: Option<Instant>,
    next_alarm: Alarm,
    /// When something must be taken of what is being written.
    taken: Option<Instant>,
    taken_alarm: Alarm,
}

impl<S> Guarded<S> {
    pub(crate) fn new(io: S, patience: Patience) -> Self {
        let (connection, next_alarm, taken_alarm) = Default::default();
        Self { io, patience, connection, next: None, next_alarm, taken: None, taken_alarm }
    }

    /// What requests tell that they are at work.
    pub(crate) fn connection(&self) -> Connection {
        self.connection.clone()
    }

    /// What became of writing, unless it is waited for too long already.
    fn watched<T>(&mut self, context: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.taken = None;
            return polled;
        }
        let until = *self.taken.get_or_insert_with(|| Instant::now() + self.patience.write);
        if self.taken_alarm.rings(until, context) { given_up() } else { Poll::Pending }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_read(context, buffer);
        // Who takes an answer can't send the next request.
        if polled.is_ready() || this.connection.0.get() || this.taken.is_some() {
            return polled;
        }
        match this.next {
            Some(until) if this.next_alarm.rings(until, context) => given_up(),
            _ => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_write(context, bytes);
        if polled.is_ready() {
            this.next = Some(Instant::now() + this.patience.next);
        }
        this.watched(context, polled)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_flush(context);
        this.watched(context, polled)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.io).poll_shutdown(context);
        this.watched(context, polled)
    }
}

fn given_up<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
}

/// Wakes whoever waits. A later moment is looked at when an earlier one has come: to move the timer each time costs.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Whether the moment has come; who asks is woken when it does. It never is earlier than one that was asked for.
    fn rings(&mut self, at: Instant, context: &mut Context<'_>) -> bool {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(at)));
        while sleep.as_mut().poll(context).is_ready() {
            if at <= Instant::now() {
                return true;
            }
            sleep.as_mut().reset(at);
        }
        false
    }
}

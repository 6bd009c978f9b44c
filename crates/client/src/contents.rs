//! What the client has in memory besides what it tells anyway, for who wants to look into its head. Nothing here changes
//! anything.

use alloc::rc::Rc;
use alloc::vec::Vec;

use vitrine_packet::{PacketId, PacketType};

use crate::client::Client;
use crate::request::Request;

impl Client {
    /// Messages that wait for a connection or for their turn, the next first. There are [`Self::queued`].
    pub fn waiting(&self) -> impl Iterator<Item = &crate::Message> {
        self.queue.iter().map(|stored| &*stored.message)
    }

    /// SUBSCRIBE and UNSUBSCRIBE packets that wait for their answer.
    pub fn requests(&self) -> impl Iterator<Item = (PacketId, PacketType)> + '_ {
        self.requests.iter().map(|(id, request)| {
            let what = match request {
                Request::Subscribe(..) => PacketType::Subscribe,
                Request::Unsubscribe(..) => PacketType::Unsubscribe,
            };
            (*id, what)
        })
    }

    /// Whether, as far as it knows, the server may have a Session of it.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.has_session
    }

    /// The Topic Aliases of the connection: those that the server gave, and those that the client did, in their order.
    #[must_use]
    pub fn aliases(&self) -> [Vec<(u16, Rc<str>)>; 2] {
        let Some(connection) = &self.connection else {
            return Default::default();
        };
        let own = |(alias, topic): (u16, &Rc<str>)| (alias, Rc::clone(topic));
        let mut given: Vec<_> = connection.book.iter().map(own).collect();
        given.sort_unstable();
        [connection.aliases.iter().map(own).collect(), given]
    }
}

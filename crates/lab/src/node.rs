//! A virtual client with its machine.

use alloc::rc::Rc;

use vitrine_broker::ConnectionId;
use vitrine_client::{Client, Options};

use crate::Line;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) options: Options,
    pub(crate) client: Client,
    /// Whether it runs.
    pub(crate) up: bool,
    pub(crate) link: Option<ConnectionId>,
    pub(crate) line: Line,
    pub(crate) name: Rc<str>,
}

//! The tables of the database.

use redb::TableDefinition;

/// The version of the tables. [`crate::format::VERSION`] is that of what is in their rows.
pub(crate) const TABLES_VERSION: u64 = 2;

/// Numbers about the file as a whole, by name.
pub(crate) const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");

/// In [`ABOUT`]: [`TABLES_VERSION`].
pub(crate) const ABOUT_TABLES: &str = "tables";

/// In [`ABOUT`]: the version of the rows.
pub(crate) const ABOUT_FORMAT: &str = "format";

/// In [`ABOUT`]: the number of the latest batch that is in the other tables.
pub(crate) const ABOUT_FOLDED: &str = "folded";

/// In [`ABOUT`], both or none: the broker's time and what the machine's clock said then, in microseconds.
pub(crate) const ABOUT_TIME: &str = "time";
pub(crate) const ABOUT_MACHINE: &str = "machine";

/// Client Identifier to what is known of its Session as a whole.
pub(crate) const SESSIONS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("sessions");

/// Client Identifier and Topic Filter to Subscription.
pub(crate) const SUBSCRIPTIONS: TableDefinition<'_, (&str, &str), &[u8]> =
    TableDefinition::new("subscriptions");

/// Client Identifier and number to delivery.
pub(crate) const DELIVERIES: TableDefinition<'_, (&str, u64), &[u8]> =
    TableDefinition::new("deliveries");

/// Client Identifier and Packet Identifier to publication; 0 for one that was refused.
pub(crate) const RECEIVED: TableDefinition<'_, (&str, u16), u64> = TableDefinition::new("received");

/// Topic Name to the publication that is its Retained Message.
pub(crate) const RETAINED: TableDefinition<'_, &str, u64> = TableDefinition::new("retained");

/// Publication to message: once, however many deliveries have it.
pub(crate) const MESSAGES: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("messages");

/// Publication to how many rows of [`DELIVERIES`] and [`RETAINED`] name it.
pub(crate) const USES: TableDefinition<'_, u64, u64> = TableDefinition::new("uses");

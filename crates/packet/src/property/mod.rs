//! Properties (5.0 section 2.2.2): what they are, reading them, writing them.

mod buf;
mod get;
mod iter;
mod kind;
mod list;
mod raw;
mod validate;
mod value;

pub use buf::PropertyBuf;
pub use iter::PropertyIter;
pub use kind::{Carrier, PropertyKind, PropertyType};
pub use list::Properties;
pub use value::Property;

pub(crate) use raw::{RawValue, checked};
pub(crate) use validate::{read, read_in};

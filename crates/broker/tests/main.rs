//! What the broker does, seen from the clients: bytes in, bytes out, under a clock of the test's own.
//!
//! Each test names the statements of the standards that it proves.

mod harness;

mod qos0;

//! The statements of both standards, chapter by chapter, where the tests of features do not prove them: each for both
//! versions, from the bytes of a client to the bytes of the broker.

mod always;
mod connect;
mod disconnect;
mod ends;
mod fixed_header;
mod flows;
mod offers;
mod publish;
mod reason_strings;
mod retained;
mod subscribe;
mod text;
mod v3_1;

use vitrine_packet::ProtocolVersion;

use crate::harness::*;

/// A client with Clean Session (Clean Start) 1.
fn hello(version: ProtocolVersion, client: &str) -> Hello<'_> {
    Hello {
        version,
        ..Hello::v3(client)
    }
}

/// What came, without its properties.
fn plain(lines: Vec<String>) -> Vec<String> {
    let cut = |line: String| match line.split_once(" [") {
        Some((head, _)) => head.to_owned(),
        None => line,
    };
    lines.into_iter().map(cut).collect()
}

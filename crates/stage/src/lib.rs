//! What a lab of a page is: its roads, what is on them, and what is done.
#![forbid(unsafe_code)]

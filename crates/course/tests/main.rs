//! Tests of the course.

/** A worker of a student's: nothing but a place for clients. */
export {};

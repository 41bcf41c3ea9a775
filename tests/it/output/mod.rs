//! Files that are made from a cast.

mod exports;

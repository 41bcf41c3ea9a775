//! What can go wrong: the service, the network, the disk, and the process itself.

mod answers;
mod crashes;
mod disk;
mod network;
mod secrets;
mod signals;

//! The counting rules of practice 5, each with a case that tells a wrong rule from the right one.

mod fates;
pub(crate) mod fixture;
mod heads;
mod periods;
mod shares;
mod tables;

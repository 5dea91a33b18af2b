//! Pictures of the cameras beside an incident: a real web server that wants digest, Frigate's topics at the
//! real broker, and cameras that do all that they may not.

mod camera;
mod house;

mod bad;
mod frigate;
mod shown;
mod signed;

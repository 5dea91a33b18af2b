//! gengfu-wire

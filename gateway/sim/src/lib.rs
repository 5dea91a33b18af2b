//! gengfu-sim

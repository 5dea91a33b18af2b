//! gengfu-channel

//! gengfu-store

//! gengfu-web

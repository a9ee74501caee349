//! Conversations with bots on client libraries that are not the product's own, so that the doubles
//! are shaped to the platforms and not to one client. Each test fails at its end if the client or
//! the double broke the platform's schema.

mod discord;
mod telegram;

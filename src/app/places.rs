//! Where a customer is, among the places of their conversation: rooms of desks are places of it too.

use consultant_core::{Address, Happening, LedgerEvent};

/// The customer's own place: the one for which people were called last, where they were called.
pub(crate) fn of_customer<'a>(
    addresses: &'a [Address],
    ledger: &'a [LedgerEvent],
) -> Option<&'a Address> {
    let called = ledger.iter().rev().find_map(|event| match &event.what {
        Happening::CaseOpened { customer, .. } => Some(customer),
        _ => None,
    });
    called.or_else(|| addresses.first())
}

#[cfg(test)]
mod tests {
    use consultant_core::ChannelName;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_room_of_a_desk_is_no_customers_place() {
        let room = Address::new(ChannelName::Telegram, "-100#17");
        let customer = Address::new(ChannelName::Discord, "7");
        let addresses = [room.clone(), customer.clone()];
        let called = LedgerEvent {
            at: Timestamp::UNIX_EPOCH,
            what: Happening::CaseOpened {
                desk: Address::new(ChannelName::Telegram, "-100"),
                customer: customer.clone(),
            },
        };
        assert_eq!(of_customer(&addresses, &[called]), Some(&customer));
        assert_eq!(of_customer(&addresses, &[]), Some(&room));
        assert_eq!(of_customer(&[], &[]), None);
    }
}

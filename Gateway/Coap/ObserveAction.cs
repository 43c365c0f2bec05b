namespace Gateway.Coap;

/// <summary>What Observe says in a request (RFC 7641 §2); any other value is of no account.</summary>
internal enum ObserveAction
{
    Register = 0,
    Deregister = 1,
}

namespace Gateway.Coap;

/// <summary>Why a critical option can't be served: for the diagnostic payload of 4.02 (RFC 7252 §5.4.1, §5.4.3, §5.4.5).</summary>
internal enum OptionFaultKind
{
    Unknown,
    WrongLength,
    Repeated,
    NotUtf8,
}

internal readonly record struct OptionFault(int Number, OptionFaultKind Kind)
{
    public override string ToString() => Kind switch
    {
        OptionFaultKind.Unknown => $"unknown critical option {Number}",
        OptionFaultKind.WrongLength => $"critical option {Number} has a length that it can't have",
        OptionFaultKind.Repeated => $"critical option {Number} must not be repeated",
        _ => $"critical option {Number} is not UTF-8",
    };
}

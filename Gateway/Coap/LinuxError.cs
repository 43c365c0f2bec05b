namespace Gateway.Coap;

/// <summary>The errors of Linux's sockets that are told apart, by their names and numbers in errno(3).</summary>
internal enum LinuxError
{
    None = 0,
    EINTR = 4,
    EAGAIN = 11,
    ENOMEM = 12,
    EACCES = 13,
    ENODEV = 19,
    EINVAL = 22,
    EMSGSIZE = 90,
    ENETDOWN = 100,
    EADDRNOTAVAIL = 99,
    ENETUNREACH = 101,
    ENETRESET = 102,
    ECONNRESET = 104,
    ENOBUFS = 105,
    ESHUTDOWN = 108,
    ECONNREFUSED = 111,
    EHOSTDOWN = 112,
    EHOSTUNREACH = 113,
}

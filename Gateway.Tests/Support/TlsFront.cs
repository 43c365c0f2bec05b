using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gateway.Tests.Support;

/// <summary>TLS for a server that has none: takes connections of clients that have a certificate, and passes on what is in them.</summary>
internal sealed class TlsFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly X509Certificate2 _certificate;
    private readonly int _target;
    private readonly Task _accepting;
    private int _refused;

    /// <param name="target">The server's port.</param>
    /// <param name="certificate">The certificate, as PEM.</param>
    /// <param name="key">Its key.</param>
    public TlsFront(int target, string certificate, string key)
    {
        (_target, _certificate) = (target, X509Certificate2.CreateFromPemFile(certificate, key));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many connections came to nothing, because one side did not trust the other.</summary>
    public int Refused => Volatile.Read(ref _refused);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_connections);
        _certificate.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            _connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        await using (var secure = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate is not null))
        {
            try
            {
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate, ClientCertificateRequired = true }, _end.Token);
                await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
                await Task.WhenAny(secure.CopyToAsync(server.GetStream(), _end.Token), server.GetStream().CopyToAsync(secure, _end.Token));
            }
            catch (Exception exception) when (exception is AuthenticationException or IOException or SocketException or OperationCanceledException)
            {
                Interlocked.Increment(ref _refused);
            }
        }
    }
}

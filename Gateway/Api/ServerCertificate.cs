using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gateway.Access;
using Gateway.Configuration;

namespace Gateway.Api;

/// <summary>
/// The certificate that the API shows its clients. The files are looked at every few seconds, and a new one holds for the next connection;
/// while they can't be used the one before does.
/// </summary>
internal sealed class ServerCertificate(ApiTlsSettings settings, TimeProvider time, ILogger<ServerCertificate> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private byte[]? _seen;
    private SslStreamCertificateContext? _current;

    /// <summary>What a new connection gets.</summary>
    public SslServerAuthenticationOptions Options => new() { ServerCertificateContext = Volatile.Read(ref _current) };

    /// <summary>Why the files can't be used; null when they can.</summary>
    public string? Problem { get; private set; }

    /// <exception cref="AccessException">The files can't be used.</exception>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Look();
        return Problem is null ? base.StartAsync(cancellationToken) : throw new AccessException($"api.tls: {Problem}");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var (before, told) = (_current, Problem);
            Look();
            if (Problem is not null && Problem != told)
            {
                log.CertificateUnusable(Problem);
            }
            else if (!ReferenceEquals(before, _current))
            {
                log.CertificateReplaced(_current!.TargetCertificate.Subject, _current.TargetCertificate.NotAfter.ToUniversalTime());
            }
        }
    }

    // Files are compared by what is in them: links that are switched to another folder, as orchestrators do, change nothing else.
    private void Look()
    {
        try
        {
            var files = Read();
            var hash = SHA256.HashData(files.SelectMany(file => file).ToArray());
            if (_seen is null || !hash.AsSpan().SequenceEqual(_seen))
            {
                Volatile.Write(ref _current, Load(files));
                _seen = hash;
            }

            Problem = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            Problem = $"the certificate {settings.CertificateFile}{(settings.KeyFile is { } key ? $" with the key {key}" : "")} can't be used: {e.Message}";
        }
    }

    private byte[][] Read() => settings.KeyFile is { } key ? [File.ReadAllBytes(settings.CertificateFile), File.ReadAllBytes(key)] : [File.ReadAllBytes(settings.CertificateFile)];

    private SslStreamCertificateContext Load(byte[][] files)
    {
        var chain = new X509Certificate2Collection();
        X509Certificate2 own;
        if (X509Certificate2.GetCertContentType(files[0]) is X509ContentType.Pkcs12)
        {
            chain.AddRange(X509CertificateLoader.LoadPkcs12Collection(files[0], settings.Password));
            own = chain.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw new ArgumentException("it has no private key");
        }
        else
        {
            var certificates = System.Text.Encoding.ASCII.GetString(files[0]);
            var key = files.Length > 1 ? System.Text.Encoding.ASCII.GetString(files[1]) : certificates;
            chain.ImportFromPem(certificates);
            using var pem = settings.Password is { Length: > 0 } password
                ? X509Certificate2.CreateFromEncryptedPem(certificates, key, password)
                : X509Certificate2.CreateFromPem(certificates, key);

            // Through PKCS #12: Windows can't use the key of a certificate that was made of PEM alone.
            own = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }

        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }
}

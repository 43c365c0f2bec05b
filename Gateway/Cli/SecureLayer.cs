using Gateway.Coap.Dtls;
using Gateway.Devices;
using Gateway.Storage;

namespace Gateway.Cli;

/// <summary>DTLS, and what it hears from other rooms.</summary>
internal static class SecureLayer
{
    public static DtlsLayer Create(IServiceProvider provider, DtlsSettings settings)
    {
        var layer = new DtlsLayer(
            settings, provider.GetRequiredService<IDtlsKeys>(), provider.GetRequiredService<IDtlsCertificates>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<DtlsMetrics>(),
            provider.GetRequiredService<ILogger<DtlsLayer>>(),
            settings is { Enabled: true, SessionsPath: { } path } ? new SealedSessionFile(path, provider.GetRequiredService<SecretBox>()) : null);
        provider.GetRequiredService<DeviceKeyRing>().Revoked += layer.EndSessions;
        provider.GetRequiredService<DeviceCertificates>().Revoked += layer.EndSessions;
        return layer;
    }
}

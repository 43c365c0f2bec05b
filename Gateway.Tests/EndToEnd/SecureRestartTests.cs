using System.Net.Http.Json;
using Gateway.Coap;
using Gateway.Coap.Dtls;
using Gateway.Tests.Coap.Dtls;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.EndToEnd;

/// <summary>The whole gateway is stopped and started, and a device goes on in its session.</summary>
internal sealed class SecureRestartTests
{
    [Test]
    public async Task A_device_does_not_notice_a_restart()
    {
        using var folder = new TempFolder();
        var port = 0;
        ulong number;
        SecureDevice device;
        await using (var before = await StartAsync())
        {
            using var answer = await before.Http.PutAsJsonAsync(new Uri("/api/v1/devices/meter-7/dtls-keys/psk-7", UriKind.Relative), new { key_text = "open sesame 7" });
            answer.EnsureSuccessStatusCode();
            var endPoint = before.Services.GetRequiredService<CoapServer>().SecureEndPoints[0];
            port = endPoint.Port;
            device = new SecureDevice(endPoint, new DtlsClientSettings("psk-7", "open sesame 7"u8.ToArray()));
            Assert.That((await SendAsync()).Code, Is.EqualTo(CoapCode.Created));
            number = before.Services.GetRequiredService<DtlsLayer>().Associations.ToArray().Single().Number;
        }

        using (device)
        {
            await using var after = await StartAsync();

            Assert.That((await SendAsync()).Code, Is.EqualTo(CoapCode.Created));
            Assert.That(after.Services.GetRequiredService<DtlsLayer>().Associations.ToArray().Select(session => session.Number), Is.EqualTo(new[] { number }));
        }

        Task<CoapMessage> SendAsync() => device.SendAsync("/mine", """{"temperature": 21.5}"""u8.ToArray());

        Task<GatewayUnderTest> StartAsync() => GatewayUnderTest.StartAsync(
            folder, null, "coap.dtls.enabled=true", $"coap.dtls.port={port}", """routes=[{"path":"/mine","profile":"json","identity":["dtls"]}]""");
    }
}

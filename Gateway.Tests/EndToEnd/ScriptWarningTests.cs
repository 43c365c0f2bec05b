using Gateway.Coap;
using Gateway.Tests.Support;

namespace Gateway.Tests.EndToEnd;

/// <summary>What a script warns of arrives where the readings arrive.</summary>
internal sealed class ScriptWarningTests
{
    [Test]
    public async Task A_warning_travels_with_its_readings_and_is_logged()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();
        gateway.Folder.Write("scripts/odd.csx", """
            Reading[] parse(byte[] payload, DeviceConfig config)
            {
                if (payload[0] == 1) warn("firmware 9 is not known");
                return [new("LEVEL", payload[0])];
            }
            byte[]? format_command(Command command, DeviceConfig config) => null;
            """);
        using var content = new StringContent("""{"device_id": "cellar", "parser_script_ref": "odd.csx"}""", System.Text.Encoding.UTF8, "application/json");
        using var created = await gateway.Http.PostAsync(new Uri("/api/v1/devices", UriKind.Relative), content);

        await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", [1]);
        await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", [2]);
        var readings = await gateway.ReadingsAsync(2);

        Assert.That(readings[0]["metadata"]!["warnings"]!.GetValue<string>(), Is.EqualTo("firmware 9 is not known"));
        Assert.That(readings[1]["metadata"]!["warnings"], Is.Null);
        await gateway.LoggedAsync("odd.csx warned: firmware 9 is not known");
        Assert.That(await gateway.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative)), Does.Match("gateway_script_warnings[^\n]*script=\"odd.csx\"[^\n]* 1"));
    }
}

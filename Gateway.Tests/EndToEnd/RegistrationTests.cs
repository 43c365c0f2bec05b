using System.Text.Json.Nodes;
using Gateway.Coap;
using Gateway.Commands;
using Gateway.Devices;
using Gateway.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Tests.EndToEnd;

/// <summary>The four ways in which a device comes to be registered.</summary>
internal sealed class RegistrationTests
{
    [Test]
    public async Task With_its_first_frame()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        await gateway.SendAsync(CoapCode.Post, "/devices/cellar/data", "{\"t\": 1}"u8.ToArray());

        Assert.That(IsRegistered(gateway, "cellar"));
    }

    [Test]
    public async Task In_bulk_at_start()
    {
        using var folder = new TempFolder();
        folder.Write("devices.ndjson", """
            {"device_id": "one", "profile": "json", "labels": ["bulk"]}

            {"device_id": "two", "parser_script_ref": "json.csx"}
            {"device_id": "no/id", "profile": "json"}
            {"device_id": "three", "profle": "json"}
            not JSON
            """);
        await using var gateway = await GatewayUnderTest.StartAsync(folder, sets: ["devices.import_path=devices.ndjson"]);
        gateway.Log.Expect("devices.ndjson(");

        await gateway.LoggedAsync("2 of 2 devices");
        await gateway.SendAsync(CoapCode.Post, "/devices/one/data", "{\"t\": 1}"u8.ToArray());
        var readings = await gateway.ReadingsAsync(1);

        Assert.That((IsRegistered(gateway, "one"), IsRegistered(gateway, "two"), IsRegistered(gateway, "three")), Is.EqualTo((true, true, false)));
        Assert.That(readings[0]["label"]!.ToJsonString(), Is.EqualTo("""["bulk"]"""));
        Assert.That(
            gateway.Log.Entries.Where(entry => entry.EventId == 1505).Select(entry => entry.Text.Split(':')[0]),
            Has.Exactly(1).Contains("(4)").And.Exactly(1).Contains("(5)").And.Exactly(1).Contains("(6)"));
    }

    [Test]
    public async Task An_import_file_that_cannot_be_read_is_named()
    {
        await using var gateway = await GatewayUnderTest.StartAsync(sets: ["devices.import_path=missing.ndjson"]);
        gateway.Log.Expect("devices.import_path");

        await gateway.LoggedAsync("missing.ndjson can't be read");
    }

    [Test]
    public async Task Over_the_API()
    {
        await using var gateway = await GatewayUnderTest.StartAsync();

        using var response = await gateway.Http.PostAsync(
            new Uri("/api/v1/devices", UriKind.Relative),
            new StringContent("""{"device_id": "cellar", "parser_script_ref": "json.csx"}""", System.Text.Encoding.UTF8, "application/json"));

        Assert.That((int)response.StatusCode, Is.EqualTo(201));
        Assert.That(IsRegistered(gateway, "cellar"));
    }

    [Test]
    public async Task When_a_command_must_be_formatted()
    {
        using var folder = new TempFolder();
        await using (var before = await GatewayUnderTest.StartAsync(folder))
        {
            await before.SendAsync(CoapCode.Post, "/devices/cellar/data", "{\"t\": 1}"u8.ToArray());
        }

        await using var gateway = await GatewayUnderTest.StartAsync(folder);
        var atStart = IsRegistered(gateway, "cellar");
        await gateway.QueueAsync(new { device_id = "cellar", command_type = "set", payload = new JsonObject { ["on"] = true } });

        Assert.That((atStart, IsRegistered(gateway, "cellar")), Is.EqualTo((false, true)));
    }

    private static bool IsRegistered(GatewayUnderTest gateway, string device) =>
        gateway.Services.GetRequiredService<CommandRegistry>().IsRegistered(DeviceId.Parse(device));
}

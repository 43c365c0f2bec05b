using Gateway.Protos.Efento;
using Gateway.Scripting.Contract;
using Google.Protobuf;
using static Gateway.Tests.Efento.EfentoSensor;

namespace Gateway.Tests.Efento;

/// <summary>Which of a sensor's endpoints a message came to, and who sent it.</summary>
internal sealed class EndpointTests
{
    private static readonly byte[] Measured = Measurements(Channel(MeasurementType.Humidity, 40, 0)).ToByteArray();

    [TestCase("/m", "{}")]
    [TestCase("/efento/m", "{}")]
    [TestCase("/data", """{"data_endpoint": "data"}""")]
    [TestCase("/x/sens/data", """{"data_endpoint": "sens/data"}""")]
    [TestCase("/i", """{"data_endpoint": "i", "device_info_endpoint": "info"}""")]
    public void Measurements_are_found_at_the_end_of_the_path(string path, string settings) =>
        Assert.That(Script.Parse(Measured, ConfigWith(settings), Request(path)).Single().Index, Is.EqualTo("HUMIDITY"));

    [TestCase("/x", "{}")]
    [TestCase("/", "{}")]
    [TestCase("/mm", "{}")]
    [TestCase("/m", """{"data_endpoint": "data"}""")]
    public void An_endpoint_that_the_sensor_does_not_have_is_refused_with_those_that_it_has(string path, string settings) =>
        Assert.That(
            () => Script.Parse(Measured, ConfigWith(settings), Request(path)),
            Throws.TypeOf<InvalidPayloadException>().With.Message.Contains("/i, /c, /t"));

    [Test]
    public void Who_asks_for_the_time_sends_no_readings() => Assert.That(Post("/t", []), Is.Empty);

    [TestCase("/t", "{}")]
    [TestCase("/efento/t", "{}")]
    [TestCase("/clock", """{"time_endpoint": "clock"}""")]
    public void The_time_is_told_at_the_time_endpoint(string path, string settings) =>
        Assert.That(Script.Respond([], ConfigWith(settings), Request(path))?.Payload, Is.EqualTo(Convert.FromHexString("5fbf9794")));

    [TestCase("/m")]
    [TestCase("/i")]
    [TestCase("/c")]
    [TestCase("/x")]
    public void Elsewhere_there_is_nothing_to_answer(string path) => Assert.That(Script.Respond(Measured, Config, Request(path)), Is.Null);

    [TestCase("/m")]
    [TestCase("/renamed")]
    public void The_sensor_names_itself_in_measurements_and_device_info(string path) =>
        Assert.That(Script.Identify(Measured, Request(path)), Is.EqualTo("282c02000001"));

    [Test]
    public void The_sensor_names_itself_in_its_configuration()
    {
        var configuration = new ProtoConfig { SerialNumber = ByteString.CopyFrom(0x28, 0x2c, 0x02, 0, 0, 1), Apn = "x" };

        Assert.That(Script.Identify(configuration.ToByteArray(), Request("/c")), Is.EqualTo("282c02000001"));
    }

    [TestCase("")]
    [TestCase("1001")]
    public void A_message_without_a_serial_number_is_nobodys(string payload) =>
        Assert.That(
            () => Script.Identify(Convert.FromHexString(payload), Request("/m")),
            Throws.TypeOf<InvalidPayloadException>().With.Message.EqualTo("the message has no serial_number"));

    [TestCase("65011", "490154203237518")]
    [TestCase("65013", null)]
    [TestCase("\"65011\"", null)]
    public void The_modem_names_itself_in_an_option_whose_number_the_profile_tells(string setting, string? expected)
    {
        var request = Request("/m") with { Options = [new UplinkOption(65011, "490154203237518"u8.ToArray())] };
        var readings = Script.Parse(Measurements(Channel(MeasurementType.Temperature, 235, 0)).ToByteArray(), ConfigWith($$"""{"modem_identification_option": {{setting}}}"""), request);

        Assert.That(readings[0].Metadata.TryGetValue("modem_id", out var modem) ? modem.ToString() : null, Is.EqualTo(expected));
    }

    [Test]
    public void A_bad_cloud_token_does_not_hide_who_sent_it()
    {
        var vector = Vector.All.Single(vector => vector.Name == "odd_invalid_utf8_token");

        Assert.That(Script.Identify(vector.Payload, Request("/m")), Is.EqualTo("282c02000001"));
    }
}

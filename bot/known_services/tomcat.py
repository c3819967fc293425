"""tomcat: a Java servlet container. Its process is `java`, so mostly its unit tells."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="tomcat",
    purpose="runs the Java web application",
    advice="a smaller heap (-Xmx in CATALINA_OPTS) uses less",
    programs=("org.apache.catalina.startup.*",),
    units=("tomcat.service", "tomcat[0-9].service", "tomcat[0-9][0-9].service", "tomcat@*.service"),
)

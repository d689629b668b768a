import { ContainerModule } from 'inversify';
import { TelegramLinking } from '#application/accounts/telegram-linking';
import { TelegramSignatures } from '#application/accounts/telegram-signatures';
import { TelegramSignIn } from '#application/accounts/telegram-sign-in';
import { TelegramSignInRates } from '#application/accounts/telegram-sign-in-rates';
import { TelegramAccountRepository } from '#domain/accounts/telegram-account';
import { HmacTelegramSignatures } from '#infrastructure/accounts/hmac-telegram-signatures';
import { MemoryTelegramSignInRates } from '#infrastructure/accounts/memory-telegram-sign-in-rates';
import { SqlTelegramAccountRepository } from '#infrastructure/accounts/sql-telegram-account-repository';
import { TelegramAdminController } from '#interfaces/http/admin/telegram-admin.controller';
import { TelegramSessionRoutes } from '#interfaces/http/page/telegram-session.routes';
import { Controller } from '#interfaces/http/shared/operation';
import { RawRoutes } from '#interfaces/http/shared/raw-routes';

/** Signing in to the billing page from a Mini App of Telegram. */
export const telegram = new ContainerModule(({ bind }) => {
  bind(TelegramAccountRepository).to(SqlTelegramAccountRepository);
  bind(TelegramSignatures).to(HmacTelegramSignatures);
  bind(TelegramSignInRates).to(MemoryTelegramSignInRates).inSingletonScope();
  bind(TelegramSignIn).toSelf();
  bind(TelegramLinking).toSelf();
  bind(Controller).to(TelegramAdminController);
  bind(RawRoutes).to(TelegramSessionRoutes);
});
